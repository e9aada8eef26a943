//! Programs that embed kad's libraries; each is a file under `examples/`.
