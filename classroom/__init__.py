"""What instructors run: student copies of chapters, their grading, and exports for a learning management system."""
