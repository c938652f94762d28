"""What terminals call: enrolment, events, papers, health, signed data."""
