"""Printed text: fields of documents rather than pages. Nothing here loads a model before it is asked to read."""
