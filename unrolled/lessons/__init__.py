"""What one lecture or lab alone needs: its tasks, its experiments, its measurements."""
