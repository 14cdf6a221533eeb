"""What measures the course, beside what it measured."""
