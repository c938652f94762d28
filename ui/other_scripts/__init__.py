"""The seam for languages whose script our text cannot break or shape: from right to left, and with stacked letters."""
