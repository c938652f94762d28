"""The screens, in Kivy, and nothing else."""
