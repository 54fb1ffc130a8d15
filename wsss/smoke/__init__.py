"""The smoke page: every stage at full size on a few images, to know before a night on a cluster what it takes."""
