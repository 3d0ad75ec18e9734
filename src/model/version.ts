/** Name and version that the bundle gives itself in the user agent and in reports. */
export const product = { name: "azureml-clusters", version: "0.1.0" } as const;
