"""How an estimate agrees with exact gradients, and with other estimates."""
