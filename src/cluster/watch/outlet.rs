//! Where all news goes out: in batches, coalesced by object.

use std::time::Duration;

use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::observed::{Observation, coalesce};

/// How long news is gathered before it goes out: less than a frame that a person would miss.
const GATHER: Duration = Duration::from_millis(16);

/// News gathered beyond this is coalesced while the reader is busy, so that it stays bounded by the
/// number of objects.
const COALESCE_FROM: usize = 4096;

/// Gathers news and sends it on. A slow reader gets fewer, larger batches; it never holds up a watch.
pub(super) async fn run(
    mut news: mpsc::Receiver<Vec<Observation>>,
    reader: mpsc::Sender<Vec<Observation>>,
    cancellation: CancellationToken,
) {
    let mut pending: Vec<Observation> = Vec::new();
    let mut due: Option<Instant> = None;
    let mut limit = COALESCE_FROM;
    loop {
        tokio::select! {
            () = cancellation.cancelled() => return,
            more = news.recv() => {
                let Some(more) = more else {
                    // What was gathered still goes out.
                    let _ = reader.send(coalesce(pending)).await;
                    return;
                };
                pending.extend(more);
                due.get_or_insert_with(|| Instant::now() + GATHER);
                if pending.len() > limit {
                    pending = coalesce(std::mem::take(&mut pending));
                    limit = COALESCE_FROM.max(pending.len() * 2);
                }
            }
            permit = slot(&reader, due) => match permit {
                Ok(permit) => {
                    permit.send(coalesce(std::mem::take(&mut pending)));
                    (due, limit) = (None, COALESCE_FROM);
                }
                Err(_) => return,
            },
        }
    }
}

/// A place in the reader's channel, not before the batch is due.
async fn slot(
    reader: &mpsc::Sender<Vec<Observation>>,
    due: Option<Instant>,
) -> Result<mpsc::Permit<'_, Vec<Observation>>, mpsc::error::SendError<()>> {
    match due {
        Some(due) => {
            tokio::time::sleep_until(due).await;
            reader.reserve().await
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    use super::run;
    use crate::observed::{Name, Observation};

    #[tokio::test]
    async fn a_reader_that_sleeps_gets_the_last_news_of_each_object() {
        let (sender, news) = mpsc::channel(4);
        let (reader, mut batches) = mpsc::channel(1);
        let outlet = tokio::spawn(run(news, reader, CancellationToken::new()));
        for round in 0..3000 {
            let gone = |name: &str| Observation::Pod(Name { namespace: "s".into(), name: name.into() }, None);
            sender.send(vec![gone("a"), gone(&format!("b{}", round % 10))]).await.unwrap();
        }
        drop(sender);
        let mut received = 0;
        while let Some(batch) = batches.recv().await {
            assert!(batch.len() <= 11, "{}", batch.len());
            received += 1;
        }
        assert!(received >= 1);
        outlet.await.unwrap();
    }
}
