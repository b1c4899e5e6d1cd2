"""Small exhaustive programs behind the breaks that the rules of the record mend."""
