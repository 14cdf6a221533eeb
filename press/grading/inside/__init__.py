"""What runs beside a student's code in the sandbox. It knows no expected value."""
