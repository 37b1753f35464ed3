import type { FastifyRequest } from "fastify";
import { z } from "zod";

/** One line of a form. What is missing, repeated or endless counts as empty, and is then refused like an empty one. */
export const line = z.string().max(4096).catch("");

/** A path to go on to, which may have a form in it. */
export const path = z.string().max(8192).catch("");

/** A group of checkboxes. */
export const several = z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]);

export const readForm = <Schema extends z.ZodObject>(request: FastifyRequest, schema: Schema): z.output<Schema> =>
  schema.parse(request.body ?? {});
