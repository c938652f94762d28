"""What terminals report: passages and submissions, checked and stored."""
