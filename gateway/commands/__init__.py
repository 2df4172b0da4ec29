"""What ``tongcha`` can be told to do, a file each."""
