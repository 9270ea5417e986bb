"""A mail-to-fax gateway and the machines that it calls: mail to `<number>@fax.example` comes out as paper."""
