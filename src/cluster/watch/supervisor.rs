//! Keeps one kind fresh: list, watch, and again.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use kube::{Api, Client, api::WatchParams, core::WatchEvent};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    backoff::{Backoff, spread},
    kinds::{Watched, name_of},
    line::Line,
    list::{Refusal, list, refusal, sorted},
};
use crate::observed::{Freshness, Observation};

/// How long one watch lasts before it is taken up again. Long ones notice a dead line too late.
const WATCH: Duration = Duration::from_mins(1);

/// What a watch may be silent for beyond its end.
const GRACE: Duration = Duration::from_secs(5);

/// How long starting a watch may take.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Rights and kinds come seldom: how long until a refused kind is asked for again.
const SELDOM: Duration = Duration::from_mins(1);

/// Before what ended by itself is taken up again, should it end at once each time.
const BREATH: Duration = Duration::from_millis(250);

/// Keeps a kind fresh until its outlet is closed.
pub(super) struct Supervisor {
    pub(super) client: Client,
    pub(super) namespace: String,
    pub(super) outlet: mpsc::Sender<Vec<Observation>>,
    pub(super) line: watch::Receiver<Line>,
}

/// Nobody listens any more.
struct Closed;

impl Supervisor {
    /// Runs until nobody listens any more.
    pub(super) async fn run<K: Watched>(mut self) {
        let _ = self.keep::<K>().await;
    }

    async fn keep<K: Watched>(&mut self) -> Result<(), Closed> {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));
        loop {
            self.wait_for_line::<K>().await?;
            let Some(refusal) = self.list_and_watch::<K>(&mut backoff).await? else {
                // The line went down; it says when it is back.
                continue;
            };
            let pause = match refusal {
                Refusal::Expired => spread(BREATH),
                Refusal::Forbidden(message) => {
                    self.refused::<K>(Freshness::Forbidden { message }).await?;
                    spread(SELDOM)
                }
                Refusal::Absent => {
                    self.refused::<K>(Freshness::Absent).await?;
                    spread(SELDOM)
                }
                Refusal::Other(reason) => {
                    let pause = backoff.next();
                    let reason = format!("{reason}; trying again in {:.0} s", pause.as_secs_f64().ceil());
                    self.tell::<K>(Freshness::Stale { since: Timestamp::now(), reason }).await?;
                    pause
                }
            };
            // A line that comes up again may be that of another identity or a mended cluster.
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = self.line.changed() => changed.map_err(|_| Closed)?,
            }
        }
    }

    /// Waits until the line is up; says meanwhile that it is down.
    async fn wait_for_line<K: Watched>(&mut self) -> Result<(), Closed> {
        loop {
            let state = self.line.borrow_and_update().clone();
            match state {
                Line::Up(_) => return Ok(()),
                Line::Unknown => {}
                Line::Down { since, reason } => {
                    let reason = format!("{reason}; trying again every few seconds");
                    self.tell::<K>(Freshness::Stale { since, reason }).await?;
                }
            }
            self.line.changed().await.map_err(|_| Closed)?;
        }
    }

    /// Lists, then watches for as long as that works. `None`: the line went down.
    async fn list_and_watch<K: Watched>(&mut self, backoff: &mut Backoff) -> Result<Option<Refusal>, Closed> {
        let up = self.line.borrow().clone();
        let listed = tokio::select! {
            listed = list::<K>(&self.client, &self.namespace) => listed,
            () = went_down(&mut self.line) => return Ok(None),
        };
        let listing = match listed {
            Ok(listing) => listing,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut version = listing.resource_version;
        let mut news = listing.news;
        news.push(Observation::Freshness { kind: K::KIND, freshness: Freshness::Live });
        self.send(news).await?;
        backoff.reset();
        loop {
            let started = Instant::now();
            if let Some(refusal) = self.watch::<K>(&mut version).await? {
                return Ok(Some(refusal));
            }
            // It may have been down and be up again already.
            if *self.line.borrow() != up {
                return Ok(None);
            }
            if started.elapsed() < BREATH {
                tokio::time::sleep(spread(BREATH)).await;
            }
        }
    }

    /// Watches from a version on until the watch ends by itself (`None`) or is refused.
    async fn watch<K: Watched>(&mut self, version: &mut String) -> Result<Option<Refusal>, Closed> {
        let api: Api<K> = Api::namespaced(self.client.clone(), &self.namespace);
        let seconds = u32::try_from(spread(WATCH).as_secs()).unwrap_or(60);
        let parameters = WatchParams::default().timeout(seconds);
        let started = tokio::select! {
            started = tokio::time::timeout(START_LIMIT, api.watch(&parameters, version)) => started,
            () = went_down(&mut self.line) => return Ok(None),
        };
        let mut events = match started {
            Ok(Ok(events)) => events.boxed(),
            Ok(Err(error)) => return Ok(Some(refusal(&error))),
            Err(_) => return Ok(Some(Refusal::Other(format!("no answer in {} s", START_LIMIT.as_secs())))),
        };
        let end = tokio::time::sleep(Duration::from_secs(u64::from(seconds)) + GRACE);
        tokio::pin!(end);
        loop {
            let event = tokio::select! {
                event = events.try_next() => event,
                () = went_down(&mut self.line) => return Ok(None),
                // It should have ended by now: nobody is there, though the heartbeat may be answered.
                () = &mut end => return Ok(Some(Refusal::Expired)),
            };
            let news = match event {
                Ok(Some(WatchEvent::Added(object) | WatchEvent::Modified(object))) => {
                    remember(version, object.meta().resource_version.as_deref());
                    let name = name_of(object.meta());
                    object.seen(name)
                }
                Ok(Some(WatchEvent::Deleted(object))) => {
                    remember(version, object.meta().resource_version.as_deref());
                    K::gone(name_of(object.meta()))
                }
                Ok(Some(WatchEvent::Bookmark(bookmark))) => {
                    remember(version, Some(&bookmark.metadata.resource_version));
                    continue;
                }
                Ok(Some(WatchEvent::Error(status))) => {
                    return Ok(Some(sorted(status.code, &status.reason, &status.message)));
                }
                Ok(None) => return Ok(None),
                Err(error) => return Ok(Some(refusal(&error))),
            };
            self.send(vec![news]).await?;
        }
    }

    /// A kind that may not be seen has no rows: old ones would lie.
    async fn refused<K: Watched>(&self, freshness: Freshness) -> Result<(), Closed> {
        self.send(vec![
            Observation::Listed { kind: K::KIND, names: Vec::new() },
            Observation::Freshness { kind: K::KIND, freshness },
        ])
        .await
    }

    async fn tell<K: Watched>(&self, freshness: Freshness) -> Result<(), Closed> {
        self.send(vec![Observation::Freshness { kind: K::KIND, freshness }]).await
    }

    async fn send(&self, news: Vec<Observation>) -> Result<(), Closed> {
        self.outlet.send(news).await.map_err(|_| Closed)
    }
}

fn remember(version: &mut String, seen: Option<&str>) {
    if let Some(seen) = seen {
        seen.clone_into(version);
    }
}

/// Resolves when the line goes down.
async fn went_down(line: &mut watch::Receiver<Line>) {
    // A closed heartbeat ends the supervisor at its next send; until then it has no say.
    if line.wait_for(|line| !matches!(line, Line::Up(_))).await.is_err() {
        std::future::pending::<()>().await;
    }
}
