"""The tables of the run database. Times are seconds since 1970, accuracies shares of one, losses nats."""

import sqlalchemy as sa

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("workspace", sa.String(32), nullable=False, server_default="", index=True),  # "": nobody's yet
    sa.Column("sweep", sa.String(32), nullable=False, server_default=""),  # the sweep that it is one run of
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("tags", sa.Text, nullable=False, server_default="[]"),  # JSON: a list of words
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("dataset", sa.String(64), nullable=False),
    sa.Column("config", sa.Text, nullable=False),  # TrainConfig.to_json()
    sa.Column("settings", sa.Text),  # the same, as the settings are now; NULL: as they were
    sa.Column("pace", sa.Float, nullable=False, server_default="0"),  # seconds at least from one step to the next
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("reason", sa.Text),  # why it failed: JSON of a message's template and values
    sa.Column("created", sa.Float, nullable=False, index=True),
    sa.Column("queued", sa.Float),  # since when it has been waiting for a worker
    sa.Column("started", sa.Float),  # when its worker took it
    sa.Column("ended", sa.Float),
    sa.Column("deleted", sa.Float),  # when it was deleted, as long as that can be undone
    sa.Column("holder", sa.String(32)),  # the claim of the worker that has it: only that one may write
    sa.Column("alive", sa.Float),  # that worker's last sign of life
    sa.Column("deaths", sa.Integer, nullable=False, server_default="0"),  # of its workers
    sa.Column("step", sa.Integer, nullable=False, default=0),
    sa.Column("steps", sa.Integer, nullable=False, default=0),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column("seconds", sa.Float, nullable=False, default=0.0),  # of training, pauses left out
    sa.Column("best_epoch", sa.Integer),
    sa.Column("validation_accuracy", sa.Float),
    sa.Column("test_accuracy", sa.Float),
)

epochs = sa.Table(
    "epochs",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("train_loss", sa.Float, nullable=False),
    sa.Column("train_accuracy", sa.Float, nullable=False),
    sa.Column("validation_loss", sa.Float, nullable=False),
    sa.Column("validation_accuracy", sa.Float, nullable=False),
    sa.Column("learning_rate", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)

progress = sa.Table(
    "progress",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.Float, nullable=False),  # epochs done, with a fraction
    sa.Column("loss", sa.Float, nullable=False),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("low", sa.Float),  # of the losses of single batches
    sa.Column("high", sa.Float),
    sa.Column("learning_rate", sa.Float),
)

layers = sa.Table(
    "layers",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("layer", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.Float, nullable=False),
    sa.Column("gradient", sa.Float),  # NULL: it is no number, or there is none
    sa.Column("update", sa.Float),
    sa.Column("weight", sa.Float),
    sa.Column("dead", sa.Float),
    sa.Column("saturated", sa.Float),
    sa.Column("alike", sa.Float),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Float, nullable=False),
    sa.Column("setting", sa.String(32), nullable=False),
    sa.Column("before", sa.Text, nullable=False),  # JSON
    sa.Column("after", sa.Text, nullable=False),
)

views = sa.Table(
    "views",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # mlp.runs.views
)

drawings = sa.Table(
    "drawings",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("pixels", sa.LargeBinary, nullable=False),  # 28 x 28 bytes: the drawing that is read at each epoch
)

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.Float, nullable=False),
    sa.Column("probabilities", sa.Text, nullable=False),  # JSON: one for each class
)

states = sa.Table(
    "states",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),  # mlp.runs.states: what the run can go on from
)

weights = sa.Table(
    "weights",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),  # a model file
)

starts = sa.Table(
    "starts",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),  # a model file: the network that a run goes on from
)

tunings = sa.Table(
    "tunings",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("base", sa.String(32), nullable=False),  # the model that the run goes on from
    sa.Column("content", sa.LargeBinary, nullable=False),  # a file of own digits: those that the run learns from
)

own_digits = sa.Table(
    "own_digits",
    metadata,
    sa.Column("set_id", sa.String(32), primary_key=True),
    sa.Column("picture", sa.String(64), primary_key=True),  # SHA-256 of its pixels: no picture is in a set twice
    sa.Column("number", sa.Integer, nullable=False),  # their order
    sa.Column("pixels", sa.LargeBinary, nullable=False),  # 28 x 28 bytes
    sa.Column("label", sa.SmallInteger, nullable=False),
    sa.Column("aside", sa.Boolean, nullable=False),  # kept for testing; that never changes
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),  # 0: before the first step
    sa.Column("content", sa.LargeBinary, nullable=False),  # a model file: the network at the end of this epoch
)

sweeps = sa.Table(
    "sweeps",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("workspace", sa.String(32), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("dataset", sa.String(64), nullable=False),
    sa.Column("content", sa.Text, nullable=False),  # JSON: what was to be tried
    sa.Column("created", sa.Float, nullable=False),
)

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run_id", sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("command", sa.String(32), nullable=False),
    sa.Column("content", sa.Text),  # JSON, where a command needs more than its name
)
