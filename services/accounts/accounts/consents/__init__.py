"""The privacy notice: its versions, who has agreed to which, and who is asked at the next login."""
