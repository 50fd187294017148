// Dots written straight into the pixels of a picture. Measured without a graphics processor, 10,000 dots take a fifth of the
// time that copying them with drawImage does.

const channels = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

// A picture with a margin, so that a dot at its edge needs no care. Each pixel is four bytes: red, green, blue, opacity.
class Raster {
  constructor(width, height, margin) {
    Object.assign(this, { width: width + 2 * margin, height: height + 2 * margin, margin, masks: new Map() });
    this.image = new ImageData(this.width, this.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  clear(colour) {
    this.pixels.fill(packed(channels(colour)));
  }

  // A dot: how far from its middle the pixels are that it covers wholly, and those of its edge with the share that it covers.
  mask(radius) {
    if (!this.masks.has(radius)) {
      const [whole, edge, shares] = [[], [], []];
      const reach = Math.ceil(radius + 0.5);
      for (let y = -reach; y <= reach; y++) {
        for (let x = -reach; x <= reach; x++) {
          const share = radius + 0.5 - Math.hypot(x, y);
          if (share >= 1) whole.push(y * this.width + x);
          else if (share > 0) edge.push(y * this.width + x) && shares.push(share);
        }
      }
      this.masks.set(radius, { whole: Int32Array.from(whole), edge: Int32Array.from(edge), shares: Float32Array.from(shares) });
    }
    return this.masks.get(radius);
  }

  // x, y: pixels from the upper left of what is seen; full: the colour as it is packed.
  dot(x, y, { whole, edge, shares }, colour, full) {
    const { pixels } = this;
    const middle = (y + this.margin) * this.width + x + this.margin;
    for (let n = 0; n < whole.length; n++) pixels[middle + whole[n]] = full;
    for (let n = 0; n < edge.length; n++) this.blend(middle + edge[n], colour, shares[n]);
  }

  blend(place, [red, green, blue], share) {
    const below = this.pixels[place];
    const r = (below & 255) + share * (red - (below & 255));
    const g = ((below >> 8) & 255) + share * (green - ((below >> 8) & 255));
    const b = ((below >> 16) & 255) + share * (blue - ((below >> 16) & 255));
    this.pixels[place] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
}
