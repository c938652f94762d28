"""The terminals: their enrolment, certificates and health."""
