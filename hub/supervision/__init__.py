"""What supervisors see: figures of use, exports, the report of the day."""
