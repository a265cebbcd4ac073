//! Registration (RFC 7591 §3).

use serde_json::Value;

use super::gate::Admission;
use super::ports::{Host, Key, Store};
use super::{App, Error, Information};
use crate::client::{ClientMetadata, KeyFault, Pointer, Problem, Problems, RawMetadata, Record};

impl<S: Store, H: Host> App<'_, S, H> {
    /// Registers the client that `body` describes, for whoever was admitted. The answer exists only after
    /// the store has the record: one write, no read.
    ///
    /// # Errors
    /// [`Error::Metadata`] with every problem of the request; otherwise what failed of ours.
    pub async fn register(
        &self,
        admission: Admission,
        body: Vec<u8>,
    ) -> Result<Information, Error> {
        // 1. Parse and 2. verify: see below.
        let (metadata, ttl) = self.verify(&admission, &body).await?;
        // A caller who goes away may leave what follows waiting for the store: without 64 KiB that nothing needs.
        drop(body);

        // 3. Issue: an identifier, a secret if the method has one, a token to manage the registration.
        let drawn = &admission.credentials;
        let secret = metadata.auth_method().needs_secret().then_some(&drawn.secret);
        let now = self.host.now();
        let (version, provenance) = (drawn.version.clone(), admission.provenance.clone());
        let mut record =
            Record::new(&drawn.client_id, now, version, provenance, &drawn.token, &metadata)?;
        record.begin_use_recording(self.issuer.lifetimes().use_recording());
        if let Some(seconds) = ttl {
            record.expire_after(seconds, now);
        }
        if let Some(secret) = secret {
            let lifetime = record.capped_lifetime(self.issuer.lifetimes().client_secret, now);
            record.secrets_mut().issue(secret, None, now, lifetime);
        }

        // 4. Store: digests only, and acknowledged. Only a write counts for the issuer and takes a use of a token.
        // If the store fails the write may have been done: the use stays taken, and its book finds out.
        let key = Key::client(self.issuer.id(), &drawn.client_id);
        let sealed = self.seal(&mut record)?;
        self.charge(&admission).await?;
        self.put(&key, sealed.value()).await?;

        // 5. Answer: everything registered, and the plain credentials, once.
        let registered = Information::of(self, &record, &drawn.token, secret);
        self.settle(admission).await;
        registered
    }

    /// Tells what would be registered, as JSON without credentials, and registers nothing.
    ///
    /// # Errors
    /// As for [`App::register`].
    pub async fn rehearse(&self, admission: Admission, body: &[u8]) -> Result<String, Error> {
        let (metadata, _) = self.verify(&admission, body).await?;
        Ok(serde_json::to_string(&metadata)?)
    }

    /// Steps 1 and 2. Parse: bytes to members. Verify: fill in defaults, narrow to what is supported, hold
    /// against the rules and the operator's policies, which also say how long the client lives.
    async fn verify(
        &self,
        admission: &Admission,
        body: &[u8],
    ) -> Result<(ClientMetadata, Option<u32>), Error> {
        let raw = RawMetadata::parse(body).map_err(|problem| Error::Metadata(problem.into()))?;
        let profile = self.profile().await?;
        let (supported, policies) = self.terms(&profile.supported, admission.policy.as_ref());
        let metadata = ClientMetadata::verify(raw, &supported, &policies, &self.host, None)
            .map_err(Error::Metadata)?;
        // Last, and once: only a request that is right otherwise is worth the runtime's arithmetic.
        let misplaced = self.misplaced(metadata.points()).await?;
        if !misplaced.is_empty() {
            return Err(Error::Metadata(misplaced));
        }
        Ok((metadata, policies.iter().filter_map(|policy| policy.client_ttl()).min()))
    }

    /// A problem for each of the keys at `places` of which the point is not on its curve.
    ///
    /// # Errors
    /// [`Error::Curves`] if the runtime cannot tell: then none of the keys is taken.
    pub(super) async fn misplaced(
        &self,
        (places, points): (Vec<usize>, Value),
    ) -> Result<Problems, Error> {
        let mut problems = Problems::default();
        if places.is_empty() {
            return Ok(problems);
        }
        let on_curve = self.host.on_curve(&points).await.map_err(Error::Curves)?;
        for (at, index) in places.into_iter().enumerate() {
            if on_curve.get(at) != Some(&true) {
                problems.push(Problem::new(Pointer::key(index), "", KeyFault::Point.into()));
            }
        }
        Ok(problems)
    }
}
