"""What speed and accuracy are measured with. Each prints JSON."""
