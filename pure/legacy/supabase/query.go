package supabase

// Query gives the SELECT that has exactly the columns of this format, without an
// order or an end, for "postgres", and "" for others. Of versions that have no
// table auth.webauthn_credentials, leave out its lines.
func Query(dialect string) string {
	if dialect != "postgres" {
		return ""
	}
	return `SELECT u.id, u.role, u.email, u.email_confirmed_at, u.phone, u.phone_confirmed_at, u.encrypted_password,
  u.raw_app_meta_data, u.raw_user_meta_data, u.is_anonymous, u.is_sso_user, u.created_at, u.last_sign_in_at, u.deleted_at,
  coalesce(u.banned_until > now(), false) AS banned,
  (SELECT json_agg(json_build_object('provider', i.provider, 'provider_id', i.provider_id))
     FROM auth.identities i WHERE i.user_id = u.id) AS identities,
  (SELECT json_agg(json_build_object('factor_type', f.factor_type, 'status', f.status, 'friendly_name', f.friendly_name,
       'secret', f.secret, 'phone', f.phone, 'web_authn_credential', f.web_authn_credential, 'created_at', f.created_at))
     FROM auth.mfa_factors f WHERE f.user_id = u.id) AS mfa_factors,
  (SELECT json_agg(json_build_object('credential_id', w.credential_id, 'public_key', w.public_key, 'aaguid', w.aaguid,
       'sign_count', w.sign_count, 'transports', w.transports, 'backup_eligible', w.backup_eligible, 'backed_up', w.backed_up,
       'friendly_name', w.friendly_name, 'created_at', w.created_at))
     FROM auth.webauthn_credentials w WHERE w.user_id = u.id) AS webauthn_credentials
FROM auth.users u`
}
