//! The heartbeat: is anyone there, and is it still the same cluster?

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{backoff::Backoff, list::innermost};
use crate::{
    cluster::{Connection, FailureKind},
    diff::ClusterIdentity,
    engine::same_cluster,
};

/// Between two beats while all is well.
const BEAT: Duration = Duration::from_secs(2);

/// How long one beat may take. A dead line is noticed after two of these and one pause.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// The longest pause between two tries while the line is down.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the heartbeat knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nobody has answered yet.
    Unknown,
    /// It answers. The number counts the times it came up.
    Up(u64),
    /// It does not answer, or another cluster does.
    Down {
        /// When it last answered.
        since: Timestamp,
        /// Why, in words.
        reason: String,
    },
}

/// Beats until cancelled, and tells when the line goes down or comes up.
pub(super) async fn beat(
    connection: Connection,
    namespace: String,
    pinned: Option<ClusterIdentity>,
    line: watch::Sender<Line>,
    cancellation: CancellationToken,
) {
    let mut state = Heart { connection, namespace, identity: pinned, ups: 0, last_answer: Timestamp::now() };
    let mut backoff = Backoff::new(Duration::from_millis(500), LONGEST_PAUSE);
    loop {
        let was_up = matches!(*line.borrow(), Line::Up(_));
        let next = tokio::select! {
            () = cancellation.cancelled() => return,
            next = state.look(was_up) => next,
        };
        let pause = if matches!(next, Line::Up(_)) {
            backoff.reset();
            BEAT
        } else {
            backoff.next()
        };
        line.send_if_modified(|known| {
            let is_news = *known != next;
            *known = next;
            is_news
        });
        tokio::select! {
            () = cancellation.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

struct Heart {
    connection: Connection,
    namespace: String,
    /// The pinned cluster, or the first one met.
    identity: Option<ClusterIdentity>,
    ups: u64,
    last_answer: Timestamp,
}

impl Heart {
    async fn look(&mut self, was_up: bool) -> Line {
        let mut answer = self.ask().await;
        if answer.is_err() && was_up {
            // A kept connection that the server closed fails once; a second one tells.
            answer = self.ask().await;
        }
        if let Err(reason) = answer {
            return self.down(reason);
        }
        if !was_up {
            if let Err(reason) = self.check_identity().await {
                return self.down(reason);
            }
            self.ups += 1;
        }
        self.last_answer = Timestamp::now();
        Line::Up(self.ups)
    }

    fn down(&self, reason: String) -> Line {
        Line::Down { since: self.last_answer, reason }
    }

    /// Any answer of the server will do: `/version` costs it nothing, and a 401 or 500 is an answer too.
    async fn ask(&self) -> Result<(), String> {
        let request = http::Request::get("/version").body(kube::client::Body::empty());
        let request = request.map_err(|error| error.to_string())?;
        match tokio::time::timeout(TIME_LIMIT, self.connection.client().send(request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(innermost(&error)),
            Err(_) => Err(format!("no answer in {} s", TIME_LIMIT.as_secs())),
        }
    }

    /// After an outage another cluster may answer under the same address (a rebuilt one, another VPN).
    async fn check_identity(&mut self) -> Result<(), String> {
        match self.connection.identity(&self.namespace).await {
            Ok(found) => {
                let known = self.identity.get_or_insert_with(|| found.clone());
                other_cluster(known, &found).map_or(Ok(()), Err)
            }
            // Who may not read it cannot be told; what it may write is asked elsewhere.
            Err(failure)
                if matches!(
                    failure.kind,
                    FailureKind::Forbidden | FailureKind::NotFound | FailureKind::Unauthorized
                ) =>
            {
                Ok(())
            }
            Err(failure) => Err(failure.message),
        }
    }
}

/// Says so when another cluster than the known one answers, by the rule that a run is pinned with.
pub(crate) fn other_cluster(known: &ClusterIdentity, found: &ClusterIdentity) -> Option<String> {
    (!same_cluster(known, found)).then(|| {
        format!(
            "another cluster answers: {} at {} instead of {} at {}; nothing is read from it",
            found.short(),
            found.server,
            known.short(),
            known.server
        )
    })
}
