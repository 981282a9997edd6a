"""What events beside the recording tell, on the session's clock."""
