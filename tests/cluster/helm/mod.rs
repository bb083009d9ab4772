//! Releases: installed, upgraded, taken back, and what gets in the way.

pub mod charts;
mod checked;
mod crds;
mod faults;
mod halfway;
mod hooks;
mod install;
mod pods;
mod renderings;
mod sources;
mod stand_ins;
mod stuck;
mod upgrade;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    let all = [
        checked::trials(),
        crds::trials(),
        faults::trials(),
        halfway::trials(),
        hooks::trials(),
        install::trials(),
        pods::trials(),
        renderings::trials(),
        sources::trials(),
        stand_ins::trials(),
        stuck::trials(),
        upgrade::trials(),
    ];
    all.into_iter().flatten().collect()
}
