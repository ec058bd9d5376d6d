/** A real service on a real socket: the HTTP rung around the controllers of a test. */
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pool } from 'pg';
import { APP_POOL } from '../../src/database/connections.js';
import { openPool } from '../../src/database/pool.js';
import { nestOptions, prepareFastify } from '../../src/http/fastify.js';
import { HttpModule } from '../../src/http/http.module.js';
import { httpSettings, type HttpOptions } from '../../src/http/http-settings.js';
import { SecurityLog } from '../../src/http/security-log.js';
import { useHttp } from '../../src/http/use-http.js';

export interface HttpApp {
  app: NestFastifyApplication;
  port: number;
  /** Under which this process reaches it. */
  url: string;
  /** Lines written since the start. */
  securityLines: string[];
  incidentLines: string[];
  close(): Promise<void>;
}

export interface HttpAppOptions extends Partial<HttpOptions> {
  controllers?: Type[];
  pool?: Pool;
  /** Before it listens. */
  configure?: (app: NestFastifyApplication) => void;
}

/** Its database is not there unless a pool is given. */
export async function anHttpApp({
  controllers = [],
  pool,
  configure,
  ...options
}: HttpAppOptions = {}): Promise<HttpApp> {
  const securityLines: string[] = [];
  const incidentLines: string[] = [];
  const settings = httpSettings({
    publicUrl: 'http://127.0.0.1:8480',
    securityLog: new SecurityLog((line) => securityLines.push(line)),
    incidentSink: (line) => incidentLines.push(line),
    ...options,
  });
  const connections = pool ?? openPool({ url: 'postgresql://127.0.0.1:1/nowhere', size: 1, applicationName: 'test' });
  const database = {
    module: class DatabaseForTest {},
    global: true,
    providers: [{ provide: APP_POOL, useValue: connections }],
    exports: [APP_POOL],
  };
  class TestModule {}
  Module({ imports: [database, HttpModule.of(settings)], controllers })(TestModule);
  const app = await NestFactory.create<NestFastifyApplication>(TestModule, prepareFastify(settings), {
    ...nestOptions,
    logger: false,
    abortOnError: false,
  });
  useHttp(app, settings);
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return { app, port, url: `http://127.0.0.1:${port}`, securityLines, incidentLines, close: () => app.close() };
}
