"""What is done with a page after it was found and cropped: upright, level, flat, in even light; sheets of cards."""
