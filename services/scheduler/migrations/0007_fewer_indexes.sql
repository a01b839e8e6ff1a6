-- Each release paid for both, and nothing reads them: permits are found by callback, and a person has few rows of budget.
DROP INDEX permit_of_customer;
DROP INDEX budget_recent;
