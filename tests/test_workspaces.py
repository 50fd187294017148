"""Workspaces: whose runs they are, and that nobody else finds them; deleting with a way back; pruning."""

import time

import pytest

from mlp import MLP, TrainConfig
from mlp.checkpoint import Checkpoint
from mlp.errors import RunError
from mlp.runs import schema, workspaces
from mlp.runs.run import FINISHED, RUNNING, STOPPED
from mlp.runs.store import Store
from mlp.runs.workspaces import UNDO_WITHIN, Workspace, is_workspace_id, new_workspace_id

CONFIG = TrainConfig(hidden=(4,), epochs=1)
EPOCH = {
    "epoch": 1,
    "train_loss": 1.0,
    "train_accuracy": 0.5,
    "validation_loss": 1.0,
    "validation_accuracy": 0.25,
    "learning_rate": 0.1,
    "seconds": 1.0,
}


@pytest.fixture
def own(store: Store) -> Workspace:
    return Workspace(store, new_workspace_id())


@pytest.fixture
def other(store: Store) -> Workspace:
    return Workspace(store, new_workspace_id())


def over(space: Workspace, **figures: float) -> str:
    run_id = space.create_run(CONFIG)
    space.store.end(run_id, FINISHED, **figures)
    return run_id


def test_ids_cannot_be_guessed() -> None:
    ids = {new_workspace_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(is_workspace_id(each) for each in ids)


@pytest.mark.parametrize("text", ["", "me", "../" * 11, "A" * 32, "0" * 31, "0" * 33, "0" * 32 + "\n", "' OR 1=1 --"])
def test_what_is_no_id_opens_no_workspace(store: Store, text: str) -> None:
    with pytest.raises(RunError):
        Workspace(store, text)


def test_runs_of_another_workspace_are_not_there(own: Workspace, other: Workspace, network: MLP) -> None:
    run_id = own.import_model(Checkpoint(network), "mine")
    assert own.run(run_id).name == "mine"
    assert own.has_model(run_id)
    assert other.runs() == []
    assert not other.has_model(run_id)
    with pytest.raises(RunError, match="somebody else"):
        other.run(run_id)


def test_runs_of_another_workspace_cannot_be_deleted_restored_or_described(own: Workspace, other: Workspace) -> None:
    run_id = over(own)
    assert other.delete([run_id]) == 0
    with pytest.raises(RunError):
        other.describe_run(run_id, "", ["taken"], "over")
    assert own.run(run_id).tags == ()
    own.delete([run_id])
    assert other.restore([run_id]) == 0
    with pytest.raises(RunError):
        own.run(run_id)


@pytest.mark.parametrize("run_id", ["x' OR '1'='1", "%", "../../etc/passwd", "", "\N{SNOWMAN}"])
def test_an_id_is_never_taken_for_anything_else(own: Workspace, run_id: str) -> None:
    over(own)
    with pytest.raises(RunError):
        own.run(run_id)
    assert own.delete([run_id]) == 0
    assert len(own.runs()) == 1


def test_a_deletion_can_be_undone(own: Workspace) -> None:
    run_id = over(own)
    assert own.delete([run_id]) == 1
    assert own.runs() == []
    assert own.restore([run_id]) == 1
    assert [run.id for run in own.runs()] == [run_id]


def test_what_goes_on_is_not_deleted(own: Workspace) -> None:
    run_id = own.create_run(CONFIG)
    own.store.claim(run_id)
    assert own.delete([run_id]) == 0
    assert own.run(run_id).state == RUNNING


def test_a_deletion_is_for_good_after_a_while(own: Workspace, store: Store) -> None:
    run_id = over(own)
    own.delete([run_id])
    with store.begin() as connection:
        connection.execute(schema.runs.update().values(deleted=time.time() - UNDO_WITHIN - 1))
    own.create_run(CONFIG)
    assert own.restore([run_id]) == 0
    assert run_id not in {run.id for run in store.runs()}


def test_the_oldest_runs_make_room_those_with_a_tag_or_a_note_last(own: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLP_RUNS_KEPT", "3")
    tagged, noted, plain = (over(own) for _ in range(3))
    own.describe_run(tagged, "", ["good"], "")
    own.describe_run(noted, "", [], "remember")
    new = over(own)
    assert {run.id for run in own.runs()} == {tagged, noted, new}
    newest = over(own)
    assert {run.id for run in own.runs()} == {tagged, noted, newest}
    assert plain not in {run.id for run in own.store.runs()}


def test_runs_that_go_on_and_other_workspaces_are_not_pruned(
    own: Workspace, other: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLP_RUNS_KEPT", "1")
    kept = over(other)
    waiting = [own.create_run(CONFIG) for _ in range(3)]
    assert {run.id for run in own.runs()} == set(waiting)
    assert [run.id for run in other.runs()] == [kept]


@pytest.mark.parametrize("value", ["0", "-3", "many", "1.5"])
def test_a_limit_that_makes_no_sense_is_named(own: Workspace, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MLP_RUNS_KEPT", value)
    with pytest.raises(RunError, match="MLP_RUNS_KEPT"):
        own.create_run(CONFIG)


def test_tags_and_note_are_kept_tidied(own: Workspace) -> None:
    run_id = over(own)
    own.describe_run(run_id, "  My   best ", [" good ", "good", "", "two  words"], "why\nnot")
    run = own.run(run_id)
    assert (run.name, run.tags, run.note) == ("My best", ("good", "two words"), "why\nnot")


@pytest.mark.parametrize(("tags", "note"), [(["x" * 33], ""), ([str(n) for n in range(13)], ""), ([], "x" * 4001)])
def test_what_is_too_long_changes_nothing(own: Workspace, tags: list[str], note: str) -> None:
    run_id = over(own)
    own.describe_run(run_id, "before", ["tag"], "note")
    with pytest.raises(RunError):
        own.describe_run(run_id, "after", tags, note)
    assert (own.run(run_id).name, own.run(run_id).tags) == ("before", ("tag",))


def test_runs_that_are_nobodys_are_taken_in_once(store: Store, own: Workspace, other: Workspace) -> None:
    run_id = store.create_run(CONFIG)
    own.adopt()
    other.adopt()
    assert [run.id for run in own.runs()] == [run_id]
    assert other.runs() == []


def test_curves_are_those_of_the_workspace(own: Workspace, other: Workspace, store: Store) -> None:
    for space in (own, other):
        run_id = space.create_run(CONFIG)
        store.claim(run_id)
        store.add_epoch(run_id, EPOCH)
        store.report(run_id, 8, 8, 1, 1.0, [])
    assert list(own.curves().values()) == [[0.25]]
    assert set(own.curves()) == {run.id for run in own.runs()}


def test_a_sweep_is_a_set_of_runs_in_their_order(own: Workspace, other: Workspace) -> None:
    configs = [TrainConfig(hidden=(4,), seed=seed) for seed in range(5)]
    sweep_id = own.create_sweep("seeds", "{}", configs)
    assert [run.config for run in own.sweep_runs(sweep_id)] == configs
    assert other.sweep_runs(sweep_id) == []
    with pytest.raises(RunError):
        other.sweep(sweep_id)
    other.delete_sweep(sweep_id)
    assert own.sweep(sweep_id).name == "seeds"
    own.delete_sweep(sweep_id)
    assert own.sweeps() == []
    assert len(own.runs()) == 5


def test_a_sweep_whose_runs_are_all_deleted_is_gone_and_comes_back_with_them(own: Workspace, store: Store) -> None:
    sweep_id = own.create_sweep("seeds", "{}", [CONFIG] * 2)
    runs = [run.id for run in own.sweep_runs(sweep_id)]
    for run_id in runs:
        store.command(run_id, "stop")
    assert own.delete(runs) == 2
    assert own.sweeps() == []
    own.restore(runs)
    assert [sweep.id for sweep in own.sweeps()] == [sweep_id]


def test_a_sweep_whose_runs_are_gone_for_good_leaves_nothing_behind(own: Workspace, store: Store) -> None:
    sweep_id = own.create_sweep("seeds", "{}", [CONFIG])
    (run,) = own.sweep_runs(sweep_id)
    store.command(run.id, "stop")
    own.delete([run.id])
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE runs SET deleted = deleted - ?", (workspaces.UNDO_WITHIN + 1,))
    own.prune()
    with store.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sweeps").scalar() == 0


def test_a_sweep_larger_than_a_workspace_is_refused(own: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "RUNS_KEPT", 3)
    with pytest.raises(RunError, match="3 runs: these are 4"):
        own.create_sweep("too many", "{}", [CONFIG] * 4)
    assert own.sweeps() == []
    assert own.runs() == []


def test_a_stopped_run_counts_as_over(own: Workspace) -> None:
    run_id = own.create_run(CONFIG)
    own.store.command(run_id, "stop")
    assert own.run(run_id).state == STOPPED
    assert own.delete([run_id]) == 1
