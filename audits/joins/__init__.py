"""What each part of the app registers when it starts: `join()`."""
