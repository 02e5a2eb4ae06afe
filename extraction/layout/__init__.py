"""From text lines with boxes to rows and columns: the geometry that the local reader and the checks share."""
