//! Looks once, for those who do not stay.

use jiff::Timestamp;
use kube::Client;

use super::{
    is_simulated,
    issuance_kinds::{Certificate, CertificateRequest, Challenge, Order},
    kinds::{Autoscaler, DaemonSet, Deployment, Ingress, Pod, StatefulSet, Watched},
    list::{Refusal, list},
};
use crate::{
    cluster::Reader,
    observed::{Freshness, Observation, Observed},
};

/// Lists every kind of a namespace once. What may not be read or does not answer is said in its pane's
/// freshness; this never fails.
pub async fn gather(reader: &Reader, namespace: &str) -> Observed {
    let client = reader.connection().client();
    // A box: the kinds' futures together are larger than a caller should hold.
    let issuance = Box::pin(async {
        tokio::join!(
            news::<Certificate>(&client, namespace),
            news::<CertificateRequest>(&client, namespace),
            news::<Order>(&client, namespace),
            news::<Challenge>(&client, namespace),
        )
    });
    let (pods, deployments, stateful_sets, daemon_sets, autoscalers, ingresses, issuance, simulated) = tokio::join!(
        news::<Pod>(&client, namespace),
        news::<Deployment>(&client, namespace),
        news::<StatefulSet>(&client, namespace),
        news::<DaemonSet>(&client, namespace),
        news::<Autoscaler>(&client, namespace),
        news::<Ingress>(&client, namespace),
        issuance,
        is_simulated(reader, namespace),
    );
    let (certificates, requests, orders, challenges) = issuance;
    let mut observed = Observed::default();
    for news in [pods, deployments, stateful_sets, daemon_sets, autoscalers, ingresses] {
        observed.fold_all(news);
    }
    for news in [challenges, orders, requests, certificates] {
        observed.fold_all(news);
    }
    observed.simulated = simulated.unwrap_or(false);
    observed
}

async fn news<K: Watched>(client: &Client, namespace: &str) -> Vec<Observation> {
    let (mut news, freshness) = match list::<K>(client, namespace).await {
        Ok(listing) => (listing.news, Freshness::Live),
        Err(Refusal::Forbidden(message)) => (Vec::new(), Freshness::Forbidden { message }),
        Err(Refusal::Absent) => (Vec::new(), Freshness::Absent),
        Err(Refusal::Expired) => (Vec::new(), stale("its pages expired while they were read".to_owned())),
        Err(Refusal::Other(reason)) => (Vec::new(), stale(reason)),
    };
    news.push(Observation::Freshness { kind: K::KIND, freshness });
    news
}

fn stale(reason: String) -> Freshness {
    Freshness::Stale { since: Timestamp::now(), reason }
}
