"""What the devices do. One small file a model; nothing here knows the rest of the product."""
