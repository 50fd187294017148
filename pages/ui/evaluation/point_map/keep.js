// Brings what a map shows into the page once: places, labels, pictures. A map finds them by their ids; the newest few are kept.

const MOST = 12;

export default function ({ data }) {
  const kept = (globalThis.digitLabMaps ??= { layouts: new Map(), digits: new Map(), pictures: new Map() });
  const put = (shelf, id, content) => {
    shelf.set(id, content);
    if (shelf.size > MOST) shelf.delete(shelf.keys().next().value);
  };
  const { digits, layouts, pictures } = data;
  if (digits && !kept.digits.has(digits.id)) put(kept.digits, digits.id, { indices: wordsOf(digits.indices), labels: bytesOf(digits.labels) });
  for (const { id, places, predicted, confidence } of layouts ?? []) {
    if (!kept.layouts.has(id)) {
      const values = floatsOf(places);
      const reach = [0, 1].map((axis) => values.reduce((most, value, n) => (n % 2 === axis ? Math.max(most, Math.abs(value)) : most), 1e-6));
      put(kept.layouts, id, { places: values, reach, predicted: bytesOf(predicted), confidence: floatsOf(confidence) });
    }
  }
  if (pictures && !kept.pictures.has(pictures.id)) {
    const image = new Image();
    image.src = pictures.url;
    image.decode().then(() => createImageBitmap(image)).then((bitmap) => {
      kept.pictures.clear(); // one at a time: 10,000 digits are 31 MB in a browser
      kept.pictures.set(pictures.id, bitmap);
    });
  }
}
