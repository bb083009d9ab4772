//! One line for a pod, an autoscaler, an Ingress.

use ratatui::text::{Line, Span};

use super::{
    autoscaler,
    canvas::{Canvas, span},
    runs, text,
};
use crate::{
    app::{PaneId, pod_rank},
    observed::{Freshness, IngressRow, Name, PodRow},
};

/// The line of one object, or nothing when it has just gone.
pub(super) fn row(
    canvas: &Canvas<'_>,
    pane: PaneId,
    name: &Name,
    (width, is_selected): (usize, bool),
) -> Option<Line<'static>> {
    let observed = canvas.world.observed;
    let mark = Span::styled(if is_selected { "›" } else { " " }, canvas.theme.accent.0);
    let room = width.saturating_sub(1);
    let mut spans = vec![mark];
    spans.extend(match pane {
        PaneId::Pods => pod(canvas, name, observed.pods.rows.get(name)?, room),
        PaneId::Autoscalers => autoscaler::row(canvas, name, observed.autoscalers.rows.get(name)?, room),
        PaneId::Runs => runs::row(canvas, observed.runs.get(name)?, room),
        PaneId::Ingresses => ingress(canvas, name, observed.ingresses.rows.get(name)?, room),
    });
    Some(Line::from(spans))
}

fn pod(canvas: &Canvas<'_>, name: &Name, row: &PodRow, room: usize) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let (sign, style) = match pod_rank(row) {
        0 => ("!", theme.danger.0),
        1 => ("◌", theme.warn.0),
        2 => ("-", theme.muted.0),
        _ => ("✔", theme.ok.0),
    };
    let status = if row.is_terminating { "Terminating" } else { &row.status };
    let restarts = if row.restarts > 0 { format!(" ↻{}", row.restarts) } else { String::new() };
    // Where there is little room, why a pod is not ready is worth more than its age.
    let age = row.created.filter(|_| row.is_ready || room >= 60);
    let age = age.map(|created| format!(" {:>3}", text::age(created, canvas.world.now))).unwrap_or_default();
    let right = format!("{}/{}{restarts}{age}", row.ready_containers, row.containers);
    let reason = match &row.problem {
        Some(problem) if room >= 60 => format!("{status}: {problem}"),
        _ => status.to_owned(),
    };
    // The reason matters more than the name's random end.
    let free = room.saturating_sub(2 + text::width(&right) + 1);
    let name_room =
        text::width(&name.name).min((free / 2).max(free.saturating_sub(text::width(&reason) + 1)));
    let reason_room = free.saturating_sub(name_room + 1);
    vec![
        Span::styled(sign, style),
        Span::raw(" "),
        span(text::pad(&text::fit_middle(&name.name, name_room), name_room), theme.text.0),
        Span::raw(" "),
        span(text::pad(&reason, reason_room), style),
        Span::raw(" "),
        span(right, theme.muted.0),
    ]
}

fn ingress(canvas: &Canvas<'_>, name: &Name, row: &IngressRow, room: usize) -> Vec<Span<'static>> {
    let theme = canvas.theme;
    let host = row.hosts.first().map_or(name.name.as_str(), String::as_str);
    let (sign, style) = if row.addresses.is_empty() { ("◌", theme.warn.0) } else { ("✔", theme.ok.0) };
    let address = row.addresses.first().map_or("no address yet", String::as_str);
    let (is_secured, told) = tls(canvas, name, row, room);
    // The host and the address are worth more than how long a good certificate lasts.
    let long = 2 + text::width(host) + 1 + text::width(&told) + 2 + text::width(address);
    let tls = if is_secured && told.starts_with('✔') && long > room { "✔ TLS".to_owned() } else { told };
    let more = if row.hosts.len() > 1 { format!(" +{}", row.hosts.len() - 1) } else { String::new() };
    let tail = match (room >= 40, is_secured) {
        (true, true) => format!("{tls}  {address}"),
        // Why a certificate hangs is worth more than the address.
        (true, false) => text::fit(&format!("{tls}  {address}"), room / 2),
        (false, _) => text::fit(&tls, room / 2),
    };
    let free = room.saturating_sub(2);
    let host_room = free.saturating_sub(text::width(&tail) + text::width(&more) + 1);
    vec![
        Span::styled(sign, style),
        Span::raw(" "),
        span(text::fit_middle(host, host_room), theme.text.0),
        span(more, theme.muted.0),
        Span::raw(" "),
        span(
            tail,
            match (is_secured, row.addresses.is_empty()) {
                (false, _) => theme.warn.0,
                (true, true) => style,
                (true, false) => theme.muted.0,
            },
        ),
    ]
}

/// What is known of an Ingress' certificate, and whether that is well.
fn tls(canvas: &Canvas<'_>, name: &Name, row: &IngressRow, room: usize) -> (bool, String) {
    let observed = canvas.world.observed;
    if !row.hosts.iter().any(|host| row.tls_hosts.contains(host)) {
        return (true, "no TLS".to_owned());
    }
    match observed.certificate_of(name, row, canvas.world.now).map(|one| one.words(canvas.world.now)) {
        Some((true, words)) => (true, format!("✔ {words}")),
        Some((false, words)) => (false, format!("… {words}")),
        None if observed.certificates.freshness == Freshness::Absent && room >= 60 => {
            (true, "TLS (cert-manager is not installed)".to_owned())
        }
        None => (true, "✔ TLS".to_owned()),
    }
}
