"""The page that puts the readings of one document side by side."""

from review.components.comparison_view import comparison_view
from review.components.page_frame import page_frame

with page_frame("compare") as frame:
    comparison_view(frame)
