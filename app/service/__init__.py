"""Floor 2: what a tenant may ask, a method for each verb of the user guide. Never sees a driver.

A verb opens a transaction, fetches, asks the domain's rule and commits. What the storage must do for it is owed from
then on: the row says so by its status, and the reconciler sees to it.
"""
