"""The only code that touches a model library. Import the engine you need; importing this loads none."""
