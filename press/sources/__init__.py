"""What authors write, read and checked: sources, their prose, their bibliography."""
