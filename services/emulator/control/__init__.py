"""The control plane: what at Mangopay only time, a human or bad luck can do. Not a part of the imitated API."""

from services.emulator.control.plane import ControlPlane

__all__ = ["ControlPlane"]
