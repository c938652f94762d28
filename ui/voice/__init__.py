"""What is said aloud of each screen. Without Kivy: the core asks, too, and so does the build of the clips."""

from ui.voice.phrases import phrases
from ui.voice.tell import TELLERS, spoken

__all__ = ["TELLERS", "phrases", "spoken"]
