"""Generated requests by the hundred thousand: `make fuzz`. None may fail, all conform."""
