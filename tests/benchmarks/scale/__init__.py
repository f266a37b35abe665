"""Many articles on one machine: throughput beside the bare model, memory over time, and a worker that is killed."""
