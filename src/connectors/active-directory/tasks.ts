// What a person does where the directory takes no reset: the commands to type, in the order in which Tier 0 is taken back. {name} is the object's name.

export type Task = { readonly task: string; readonly order: number; readonly instruction: string };

export const tasks = {
  controller: {
    task: 'domain controllers',
    order: 0,
    instruction:
      'on {name}: net stop kdc, then netdom resetpwd /server:ANOTHER-CONTROLLER /userd:DOMAIN\\ADMIN /passwordd:* twice, then restart it: the directory keeps the password before as well',
  },
  readOnlyController: {
    task: 'domain controllers',
    order: 0,
    instruction:
      'in Active Directory Users and Computers delete the computer account of {name} with "reset all passwords for user accounts that were cached", or reset those listed in msDS-RevealedUsers and its own krbtgt; keep it only if the host was rebuilt',
  },
  kdsRootKey: {
    task: 'KDS root keys and managed service accounts',
    order: 1,
    instruction:
      'Add-KdsRootKey -EffectiveImmediately, wait 10 hours, Restart-Service KdsSvc on every controller, then make every group managed service account anew: passwords of the old key can be computed for ever',
  },
  gmsa: {
    task: 'KDS root keys and managed service accounts',
    order: 1,
    instruction:
      'after the new KDS root key: New-ADServiceAccount for a successor of {name} with its PrincipalsAllowedToRetrieveManagedPassword and SPNs, Install-ADServiceAccount on its hosts, restart the services there, then Remove-ADServiceAccount {name}; where the root key did not leak the controllers roll it by themselves',
  },
  smsa: {
    task: 'KDS root keys and managed service accounts',
    order: 1,
    instruction: 'on the host of {name}: Reset-ADServiceAccountPassword {name}, then restart the service',
  },
  dmsa: {
    task: 'KDS root keys and managed service accounts',
    order: 1,
    instruction:
      'look at msDS-ManagedAccountPrecededByLink of {name} for an account nobody meant; after the new KDS root key make a successor, move its services, then Remove-ADServiceAccount {name}',
  },
  trust: {
    task: 'trusts',
    order: 2,
    instruction:
      'with one new value on both sides, once each: netdom trust THIS-DOMAIN /domain:{name} /resetOneSide /passwordT:VALUE /userO:ADMIN /passwordO:* here, and the same with the names turned around on the other side; it resets twice by itself, and tickets between the domains live on until they end',
  },
  trustAccount: {
    task: 'trusts',
    order: 2,
    instruction: '{name} belongs to a trust and changes with it: netdom trust /resetOneSide on both sides, then look at its pwdLastSet',
  },
  dsrm: {
    task: 'DSRM',
    order: 3,
    instruction:
      'on {name}: ntdsutil "set dsrm password" "reset password on server null" quit quit, and set DsrmAdminLogonBehavior under HKLM\\System\\CurrentControlSet\\Control\\Lsa to 0 (with 2 the password also works over the network)',
  },
  certificateAuthority: {
    task: 'certificate authorities',
    order: 4,
    instruction:
      'on the server of {name}: certutil -renewCert (not ReuseKeys), certutil -revoke every certificate issued since the incident began, certutil -CRL, take the old CA certificate out of NTAuthCertificates, and review the templates (ESC1 to ESC16)',
  },
  seamlessSso: {
    task: 'seamless SSO and cloud Kerberos',
    order: 5,
    instruction:
      "on the Entra Connect server: Import-Module AzureADSSO.psd1, New-AzureADSSOAuthenticationContext, Update-AzureADSSOForest; once per forest and not again before a ticket's life has passed; never set the password of {name} in the directory, the cloud holds a copy of its key",
  },
  cloudKerberos: {
    task: 'seamless SSO and cloud Kerberos',
    order: 5,
    instruction:
      'Set-AzureADKerberosServer -Domain DOMAIN -UserPrincipalName ADMIN -RotateServerKey; then Get-AzureADKerberosServer shows equal key versions',
  },
  keyCredentials: {
    task: 'key credentials',
    order: 6,
    instruction:
      'list them first: Get-ADObject -LDAPFilter "(sAMAccountName={name})" -Properties msDS-KeyCredentialLink; then Set-ADObject -Clear msDS-KeyCredentialLink on it, and enrol its own keys (Windows Hello) anew',
  },
  smartcard: {
    task: 'computers and smart cards',
    order: 7,
    instruction:
      'Set-ADUser {name} -SmartcardLogonRequired $false, then $true: that rolls its hash; revoke its certificates and publish the CRL',
  },
  computer: {
    task: 'computers and smart cards',
    order: 7,
    instruction: 'on {name}, twice: Reset-ComputerMachinePassword, or netdom resetpwd /server:CONTROLLER /userd:DOMAIN\\ADMIN /passwordd:*',
  },
  rodcKrbtgt: {
    task: 'krbtgt',
    order: 8,
    instruction:
      'reset the password of {name} in Active Directory Users and Computers, wait for the longest ticket life of the domain and for replication to its controller, and reset it again',
  },
  krbtgt: {
    task: 'krbtgt',
    order: 9,
    instruction:
      'reset the password of {name} in Active Directory Users and Computers, wait for the longest ticket life of the domain (10 hours by default) and for replication to every controller, reset it again, and present a ticket from before: it must be refused. With kerberos: in its block of rekey.yaml Rekey does it',
  },
} as const satisfies Record<string, Task>;
