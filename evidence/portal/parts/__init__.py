"""Pages, a module for each part: `routes`, and how the trail reads what happens there."""
