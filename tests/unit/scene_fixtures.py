"""Scenes of small sessions."""

from renderer.player.protocol import Scene
from renderer.player.scene.build import build_scene
from renderer.story.steps import choose_steps
from tests.unit.story_fixtures import entry, plan, sample


def scene_of(told=None, made=None) -> Scene:
    told, made = told or sample(), made or plan()
    return build_scene(made, told, choose_steps(told, made))


def errors(*times_ms: int, text="Console error: it broke", kind="console", level="error", **more):
    return [entry(at_ms, kind, text, level=level, **more) for at_ms in times_ms]
