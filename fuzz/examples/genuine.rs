//! Makes the files of `genuine/`: the data keys, a signing key of each algorithm, and one token of each.

use std::{fs, path::Path};

use rescind_core::{
    clock::UnixTime,
    data_keys::DataKeys,
    id::ClientId,
    installation_key::InstallationKey,
    random::SystemRandom,
    signing::{Algorithm, SigningKey},
    status_list::{ListId, StatusRef},
    token::Claims,
};

// Not from the library: that cannot be compiled without the files.
const INSTALLATION_KEY: &str = "72657363696e642066757a7a207461726765743a2061206b6e6f776e206b6579";

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("genuine");
    let installation_key: InstallationKey = INSTALLATION_KEY.parse().expect("64 digits");
    let data_keys = DataKeys::generate(&SystemRandom);
    let wrapped = data_keys.wrap_under(&installation_key, &SystemRandom);
    fs::write(folder.join("data.keys"), wrapped.sealed)?;
    let now = UnixTime::from_second(1_800_000_000);
    for algorithm in Algorithm::ALL {
        let wrapped = SigningKey::generate(algorithm, &data_keys, now, now, &SystemRandom);
        let key = SigningKey::open(&wrapped, &data_keys).expect("it was just made");
        let client_id = ClientId::from_bytes([0x6b; 12]);
        let status = StatusRef { list: ListId::from_number(7), index: 4711 };
        let claims = Claims::new("https://auth.example.com", client_id, status, now, &SystemRandom);
        let named = [wrapped.info.kid.as_bytes(), wrapped.sealed.as_slice()].concat();
        fs::write(folder.join(format!("{algorithm}.key")), named)?;
        fs::write(folder.join(format!("{algorithm}.token")), claims.sign(&key).expose())?;
    }
    Ok(())
}
