"""What the bot does, one file each: gather, decide, write."""
