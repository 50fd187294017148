"""Recipes that go wrong on purpose, each in one way that is worth having seen. What they reach is told in docs/recipes.md.

Each trains in some seconds. Wherever it can be, only one thing is other than it should be, so that it is seen what that does.
"""

from mlp.config import TrainConfig
from mlp.errors import translatable
from mlp.recipe import BAD, Recipe

BAD_RECIPES = (
    Recipe(
        "rate_too_high",
        TrainConfig(learning_rate=0.3, schedule="constant", weight_decay=0.0),
        translatable(
            "The learning rate is thirty times too high: each step jumps over the valley that it should go down into, and lands"
            " on a slope that is higher still."
        ),
        translatable(
            "Within the first steps the loss shoots up a hundredfold; then it stays just below 2.3, the loss of guessing."
            " *Layers* tells why it does not recover: such jumps have pushed nearly all neurons so far down that they are off"
            " for every digit. No error gets through them any more, so they stay dead for ever."
        ),
        BAD,
    ),
    Recipe(
        "rate_too_low",
        TrainConfig(learning_rate=0.00001, schedule="constant", weight_decay=0.0),
        translatable(
            "The learning rate is a thousand times too low: every step goes the right way, but hardly anywhere. In six epochs"
            " the network is not yet where *quick* is within its first."
        ),
        translatable(
            "The curves are smooth, and still on their way when the training ends: that is the sign of too small a rate. In"
            " *Layers*, update / weight is some twenty times smaller than 0.001, at which learning goes well. *Weights*: the"
            " first layer's are where they were at the start."
        ),
        BAD,
    ),
    Recipe(
        "all_zero",
        TrainConfig(activation="sigmoid", initialization="zero", epochs=8),
        translatable(
            "All weights start at zero, so all neurons of the layer do the same, get the same error, and take the same step."
            " They stay the same for ever: 128 neurons do the work of one. That is why first weights are random."
        ),
        translatable(
            "*Neurons*: all pictures are the same one. *Layers*: every neuron is of no use, because another one does what it"
            " does. The accuracy gets stuck below a half, where the same network with random weights reaches 98%. With ReLU"
            " nothing at all would be learnt: at zero it lets no error through."
        ),
        BAD,
    ),
    Recipe(
        "unscaled_sigmoid",
        TrainConfig(
            hidden=(100, 100),
            activation="sigmoid",
            initialization="unscaled",
            optimizer="sgd",
            learning_rate=0.1,
            epochs=8,
            schedule="constant",
            weight_decay=0.0,
        ),
        translatable(
            "The first weights are random, but of size one, however many of them a neuron adds up. Its sums are far too large"
            " then, and a sigmoid of a large sum is 0 or 1, whatever the digit: it is saturated."
        ),
        translatable(
            "The first loss of all is several times that of guessing, 2.3: the network is sure, and wrong. *Layers*: nearly all"
            " neurons of the first layer are at a limit and stay there, where the sigmoid is flat and lets hardly any error"
            " through. *Neurons*: still noise at the end. The later layers learn alone. Choose *suits the activation* as first"
            " weights to see the difference."
        ),
        BAD,
    ),
    Recipe(
        "by_heart",
        TrainConfig(
            hidden=(800,),
            learning_rate=0.002,
            epochs=40,
            batch_size=50,
            schedule="constant",
            weight_decay=0.0,
            train_size=500,
        ),
        translatable(
            "800 neurons and only 500 digits: it is easier to learn these by heart than to find out what makes a digit. That is"
            " overfitting."
        ),
        translatable(
            "The gap between the curves: the training accuracy soon is 100%, that of the validation digits stops below 90%. The"
            " validation loss falls, then rises, while the other goes on to zero: the network becomes ever surer, also where it"
            " is wrong. Ten times as many digits, under *Digits*, lead to 95%."
        ),
        BAD,
    ),
    Recipe(
        "wrong_labels",
        TrainConfig(
            hidden=(800,),
            learning_rate=0.002,
            epochs=30,
            schedule="constant",
            weight_decay=0.0,
            train_size=5000,
            label_noise=0.3,
        ),
        translatable(
            "Three of ten training digits carry a wrong label. First the network learns what most of them have in common, which"
            " is right; later it learns the mistakes by heart as well."
        ),
        translatable(
            "The validation accuracy, whose labels are all right: it is at its best after a few epochs, at about 90%, and then"
            " falls by ten points, while the training accuracy climbs above 70%. Beyond 70% only wrong labels are left to be"
            " learnt. A *patience* of 3 would end the training in time."
        ),
        BAD,
    ),
    Recipe(
        "vanishing",
        TrainConfig(
            hidden=(100, 100, 100, 100, 100),
            activation="sigmoid",
            optimizer="sgd",
            learning_rate=0.1,
            epochs=10,
            schedule="constant",
            weight_decay=0.0,
        ),
        translatable(
            "Five layers of sigmoid: on its way back the error is multiplied by the sigmoid's slope in each of them, which is a"
            " quarter at most. In the first layer nearly nothing of it arrives: the gradient has vanished."
        ),
        translatable(
            "*Layers*: at the start each layer's gradient is several times smaller than that of the layer after it, in all some"
            " thousandfold. The loss stays at 2.30, that of guessing, for many epochs. Then, with luck, the weights have crept"
            " to where the slopes are steeper, and learning begins all at once. With ReLU, whose slope is 1, it begins in the"
            " first epoch."
        ),
        BAD,
    ),
    Recipe(
        "one_batch",
        TrainConfig(batch_size=60_000, epochs=20),
        translatable(
            "All digits in a single batch: the slope is exact, but there is just one step an epoch. *Quick* takes 430 rough"
            " ones from the same digits, and is much further with them."
        ),
        translatable(
            "The curves do not tremble at all, as no chance is left in the slope. And 20 steps make a network worse than"
            " *quick* is after its first epoch, for twenty times the work: rough steps are cheap, and many of them go further"
            " than a few exact ones."
        ),
        BAD,
    ),
    Recipe(
        "bottleneck",
        TrainConfig(hidden=(2,), epochs=30),
        translatable(
            "Two hidden neurons: whatever the network knows of a digit has to fit into two numbers before it decides. That is"
            " too little for ten classes: underfitting."
        ),
        translatable(
            "The two curves lie on each other, and both get stuck at about 70%: a network that cannot even learn its training"
            " digits needs no regularisation, and no more digits, but more neurons. *Mistakes*: which digits it cannot tell"
            " apart. Try 4, 8 and 16 neurons."
        ),
        BAD,
    ),
    Recipe(
        "too_much_dropout",
        TrainConfig(hidden=(64,), dropout=0.9, epochs=12, schedule="constant", learning_rate=0.002, weight_decay=0.0),
        translatable(
            "In each step nine of ten neurons are switched off: six or so are left to read a digit. What keeps a large network"
            " from learning by heart keeps a small one from learning."
        ),
        translatable(
            "The training accuracy, measured with these few neurons, stays near a half, far below that of the validation"
            " digits, which all neurons read together: the opposite of overfitting. And that one stops at about 91%, where the"
            " same network without dropout reaches 97%."
        ),
        BAD,
    ),
)
