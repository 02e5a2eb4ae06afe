"""The review page: one document, its image and its cells."""

from review.components.page_frame import page_frame
from review.components.review_desk import review_desk

with page_frame("review") as frame:
    review_desk(frame)
